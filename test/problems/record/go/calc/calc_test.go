package calc

import (
	"errors"
	"testing"
)

func TestAdd(t *testing.T) {
	if got := Add(1, 1); got != 3 {
		t.Errorf("Add(1, 1) = %d, want 3", got)
		t.Errorf("a second\nline")
	}
}

func TestGood(t *testing.T) { t.Log("error: not shown") }

func TestGroup(t *testing.T) {
	t.Run("first", func(t *testing.T) {})
	t.Run("second", func(t *testing.T) { t.Fatal(errors.New("of the second")) })
}

func TestSilent(t *testing.T) { t.Fail() }

func TestPanic(t *testing.T) {
	var m map[string]int
	m["x"] = 1
}
