import java.util.ArrayList;
import java.util.Date;
import java.util.List;

public class Warned implements java.io.Serializable {
    public static void main(String[] args) {
        List raw = new ArrayList();
        raw.add("x");
        Date date = new Date(2020, 1, 1);
        switch (args.length) {
            case 0:
                System.out.println("none");
            case 1:
                System.out.println("one");
        }
        List<String> words = (List<String>) raw;
    }
}
