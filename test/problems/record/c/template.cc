#include <string>
#include <vector>

template <typename T> int size_of(const T &value) { return value.size(); }

int main()
{
	std::vector<std::string> words;
	words.push_back(3);
	int unused = size_of(5);
	return size_of(words);
}
