public class Syntax {
    void f() {
        int a = 1
        g(;
    }
