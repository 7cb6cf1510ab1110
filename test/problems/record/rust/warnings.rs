use std::fmt;

struct Never { field: u8 }

#[deprecated(note = "use new")]
fn old() {}

fn shadow() -> Result<(), fmt::Error> { Ok(()) }

fn main() {
    let unused = 5;
    let mut fixed = 6;
    old();
    shadow();
    println!("{fixed}");
    return;
    println!("never");
}
