# Writes the tables of hash.c and utf8.c to stdout, says on stderr what it does.
echo "tables: 16 mixing constants" >&2
echo "static const unsigned mix[16] = {"
seed=7
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
  seed=$(((seed * 1103 + 12345) % 65536))
  echo "    $seed,"
done
echo "};"
sleep 0.3
echo "tables: 4 lengths of UTF-8 sequences" >&2
echo "static const unsigned char first[4] = {0x00, 0xc0, 0xe0, 0xf0};"
