import java.util.ArrayList;
import java.util.List;
import java.nosuch.Thing;

public class Main {
    static int take(int n) { return n; }
    static void take(String a, int b) { }

    public static void main(String[] args) {
        List<String> words = new ArrayList<>();
        words.add(3);
        int n = "text";
        String s = take(1.5);
        take();
        undefined = 4;
        words.frobnicate();
        final int fixed = 1;
        fixed = 2;
    }

    int noReturn() {
    }

    void throwing() {
        throw new Exception("x");
    }
}
