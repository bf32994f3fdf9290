# Holds one PostgreSQL cluster in the folder $1. Each line on the standard input starts
# the server; the end of the input stops it and removes the folder. The tests hold the
# other end: whatever ends them, a kill included, ends the input, so that nothing stays.
#
#   $1 the folder, $2 that of the programs, $3 the words before a command that run it
#   as the server's user (none: as ourselves), the rest options of the server
folder=$1 programs=$2 as=$3
shift 3
exec >"$folder/log" 2>&1

$as "$programs/initdb" --pgdata="$folder/data" --username=postgres --auth=trust \
  --encoding=UTF8 --no-locale --no-sync --no-instructions </dev/null

server=
while read -r _; do
  # A dead one that nobody has waited for looks alive to the next.
  [ -z "$server" ] || wait "$server"
  $as "$programs/postgres" -D "$folder/data" "$@" </dev/null &
  server=$!
done

if [ -n "$server" ]; then
  # At once, without a last checkpoint; a frozen one has to hear it.
  kill -s QUIT "$server"
  kill -s CONT "$server"
  wait "$server"
fi
rm -rf "$folder"
