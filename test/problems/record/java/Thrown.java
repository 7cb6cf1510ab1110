public class Thrown {
    static void inner() { Object o = null; o.toString(); }

    public static void main(String[] args) {
        System.out.println("0 errors so far");
        try {
            inner();
        } catch (NullPointerException e) {
            throw new IllegalStateException("the outer one", e);
        }
    }
}
