trait Shape { fn area(&self) -> f64; }
struct Square(f64);
struct Circle(f64);
impl Shape for Square { fn area(&self) -> f64 { self.0 * self.0 } }

fn print(shape: &dyn Shape) { println!("{}", shape.area()); }

fn pick(n: i32) -> i32 {
    if n > 0 { 1 }
    else { "none" };
}

fn main() {
    print(&Circle(1.0));
    let list = vec![1, 2];
    let first = &list[0];
    drop(list);
    println!("{first} {}", pick(1, 2));
    undefined_function();
}
