package main

import (
	"fmt"
	"os"

	"example.com/m/calc"
)

func give() int {
}

func main() {
	unused := 1
	var n int = "text"
	fmt.Println(calc.Add(1), undefined, n)
	calc.Missing()
}
