import warnings

import pytest


def add(a, b):
    return a + b


def check(value):
    assert value == 3, "the sum is wrong"


def test_good():
    assert add(1, 1) == 2


def test_equal():
    left = {"a": 1, "b": [1, 2]}
    assert left == {"a": 1, "b": [1, 3]}


def test_deep():
    check(add(1, 1))


def test_raises():
    print("error: printed by the test")
    raise ValueError("several\nlines")


@pytest.mark.parametrize("n", [1, 2])
def test_each(n):
    assert n == 1


@pytest.mark.xfail
def test_expected():
    assert False


@pytest.mark.skip(reason="later")
def test_skipped():
    assert False


def test_warns():
    warnings.warn("careful", UserWarning)


@pytest.fixture
def broken():
    raise RuntimeError("no fixture")


def test_fixture(broken):
    pass


class TestGroup:
    def test_method(self):
        with pytest.raises(KeyError):
            pass
