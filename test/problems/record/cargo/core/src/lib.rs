pub fn add(a: i32, b: i32) -> i32 {
    let unused_sum = a;
    a + b
}

#[cfg(test)]
mod tests {
    use super::add;

    #[test]
    fn adds() {
        assert_eq!(add(1, 1), 2);
    }

    #[test]
    fn fails() {
        assert_eq!(add(1, 1), 3, "one and one");
    }

    #[test]
    fn gives_error() -> Result<(), String> {
        Err("a reason".into())
    }
}
