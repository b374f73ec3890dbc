#!/usr/bin/env bash
# Every #include of the tree against layers.txt: nothing points up, and each third-party library is used where it belongs.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
table=tests/tree/layers.txt
field() { awk -F'|' -v layer="$1" -v n="$2" '!/^#/ { gsub(/ /, "", $1); if ($1 == layer) { print $n; found = 1 } } END { exit !found }' "$table"; }
everywhere='fmt nlohmann'   # allowed in every layer, besides the standard library and the operating system
external='boost openssl mpi hdf5 H5 zlib libdeflate jpeglib jerror png torch ATen c10 nccl cuda fmt nlohmann'
bad=0 files=0
while read -r file; do
  files=$((files + 1))
  case $file in lib/*) layer=${file#lib/}; layer=${layer%%/*} ;; *) layer=${file%%/*} ;; esac
  layers=$(field "$layer" 2) || { echo "$file: layer '$layer' is not in $table"; bad=1; continue; }
  third=$(field "$layer" 3)
  while IFS=: read -r line text; do
    name=$(sed -E 's/.*#[[:space:]]*include[[:space:]]*[<"]([^>"]+)[>"].*/\1/' <<<"$text")
    first=${name%%/*}
    if [[ $text == *'"'* ]]; then
      [[ $name == */* ]] || { echo "$file:$line: include \"$name\" by its layer, as \"$layer/$name\""; bad=1; continue; }
      [[ " $layer $layers " == *" $first "* ]] || { echo "$file:$line: layer '$layer' may not use '$first' ($name)"; bad=1; }
    else
      for prefix in $external; do
        [[ $name == "$prefix"* ]] || continue
        ok=
        for allowed in $third $everywhere; do [[ $name == "$allowed"* ]] && ok=1; done
        [ -n "$ok" ] || { echo "$file:$line: layer '$layer' may not include <$name>"; bad=1; }
        break
      done
    fi
  done < <(grep -nE '^[[:space:]]*#[[:space:]]*include' "$file" || true)
done < <(find lib preprocess curation scenes apps -type f \( -name '*.h' -o -name '*.cpp' -o -name '*.cu' \) | sort)
[ "$files" -gt 20 ] || { echo "only $files files found: is this the repository?"; bad=1; }
[ $bad = 0 ] && echo "$files files keep to the layers"
exit $bad
