# Packs textures for two seconds: pack.sh OUT
# Its progress overwrites itself on one line, as that of many tools does.
set -eu
out=$1
: > "$out.tmp"
texture=0
while [ $texture -lt 20 ]; do
  texture=$((texture + 1))
  echo "texture-$texture 64x64" >> "$out.tmp"
  printf '\rpacking textures: %3d%%' $((texture * 5))
  sleep 0.1
done
printf '\n'
mv "$out.tmp" "$out"
