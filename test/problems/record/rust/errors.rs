use std::collections::HashMap;

struct Point { x: i32, y: i32 }

fn take(name: String) -> usize { name.len() }

fn main() {
    let unused = 5;
    let mut fixed = 6;
    let wrong: i32 = "text";
    let name = String::from("a");
    take(name);
    println!("{} {}", name, missing);
    let point = Point { x: 1 };
    point.z;
    match Some(wrong) {
        Some(n) => println!("{n}"),
    }
    take("text");
}
