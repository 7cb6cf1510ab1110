# Stands in for a compiler: cc.sh [flags] -c -o OUT SOURCE
#
# A source asks for a diagnostic with a comment on the line it is about, `// cc: TOKEN: warning: TEXT`; the column is
# that of TOKEN. Time goes by with the lines of the source. An `error:` makes it fail and leaves no OUT.
set -eu

out= source=
while [ $# -gt 0 ]; do
  case $1 in
    -o) out=$2; shift ;;
    -*) ;;
    *) source=$1 ;;
  esac
  shift
done

number=0 warnings=0 errors=0 function= said=
while IFS= read -r line; do
  number=$((number + 1))
  code=${line%% // cc: *}
  case $code in
    [a-z]*'('*') {') function=${code%%(*}; function=${function##*[ *]} ;;
  esac
  case $line in
    *' // cc: '*)
      wish=${line#*// cc: }
      token=${wish%%: *}
      message=${wish#*: }
      before=${code%%"$token"*}
      case $message in
        error:*) errors=$((errors + 1)) ;;
        *) warnings=$((warnings + 1)) ;;
      esac
      if [ "$function" != "$said" ]; then
        echo "$source: In function '$function':"
        said=$function
      fi
      echo "$source:$number:$((${#before} + 1)): $message"
      printf '%5d | %s\n' "$number" "$code"
      printf '      | %*s^\n' "${#before}" ''
      sleep 0.1
      ;;
  esac
done < "$source" >&2

sleep "$(printf '0.%03d' $((300 + number * 8)))"

if [ $errors -gt 0 ]; then
  echo "$source: $errors error(s), $warnings warning(s)" >&2
  exit 1
fi
dir=${PWD##*/}
echo "unit $dir/$source $number" > "$out.tmp"
mv "$out.tmp" "$out"
