fn main() {
    let sum: String = core_part::add(1, 2);
    println!("{sum}");
}
