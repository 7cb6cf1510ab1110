package calc

// Add is an error-prone function.
func Add(a, b int) int { return a + b }
