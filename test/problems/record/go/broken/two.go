package main

func two() int {
	x := 1
	return y
}
