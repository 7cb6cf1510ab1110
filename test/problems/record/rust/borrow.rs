fn longest(a: &str, b: &str) -> &str { if a.len() > b.len() { a } else { b } }

fn main() {
    let mut list = vec![1, 2];
    let first = &list[0];
    list.push(3);
    println!("{first} {}", longest("a", "b"));
    let text = "never closed;
}
