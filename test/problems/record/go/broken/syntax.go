package main

func broken() {
	if true {
		x := 
	}
}
