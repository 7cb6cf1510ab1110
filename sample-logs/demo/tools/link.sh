# Stands in for a linker: link.sh -o OUT INPUT...
set -eu
out=$2
shift 2
version=$(sed -n 's/.*DEMO_VERSION "\(.*\)"/\1/p' ../include/version.h)
{
  echo '#!/bin/sh'
  echo 'units=0 lines=0'
  # shellcheck disable=SC2016 # written as it stands
  echo 'unit() { units=$((units + 1)); lines=$((lines + $2)); [ "$list" = "" ] || echo "$1 $2"; }'
  # shellcheck disable=SC2016
  echo 'list=; [ "${1-}" != --units ] || list=yes'
  cat "$@"
  echo "[ \"\$list\" != \"\" ] || echo \"demo $version: \$units units, \$lines lines\""
} > "$out.tmp"
chmod +x "$out.tmp"
sleep 0.3
mv "$out.tmp" "$out"
