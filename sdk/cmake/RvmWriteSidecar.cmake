# cmake -D SIDECAR=in.json -D LIBRARY=file.so -D OUTPUT=out.json -P: the sidecar with the library's sha256.
file(SHA256 ${LIBRARY} digest)
file(READ ${SIDECAR} text)
string(JSON text SET "${text}" sha256 "\"${digest}\"")
file(WRITE ${OUTPUT} "${text}\n")
