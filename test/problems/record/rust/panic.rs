fn main() {
    println!("error handling is next");
    let list: Vec<i32> = Vec::new();
    let result: Result<i32, String> = Err("not there".into());
    if list.is_empty() { result.expect("the list"); }
}
