# Writes a manifest with the SHA-256 of plugin files in place of "@sha256:FILE@".
#   cmake -D TEMPLATE=consensus.json -D PLUGINS=directory of the files -D OUTPUT=file -P pin.cmake
file(READ ${TEMPLATE} text)
string(REGEX MATCHALL "@sha256:[^@\"]+@" marks "${text}")
foreach(mark IN LISTS marks)
  string(REGEX REPLACE "^@sha256:(.+)@$" "\\1" name "${mark}")
  if(NOT EXISTS ${PLUGINS}/${name})
    message(FATAL_ERROR "${TEMPLATE} pins ${name}, but ${PLUGINS} does not hold it")
  endif()
  file(SHA256 ${PLUGINS}/${name} digest)
  string(REPLACE "${mark}" "${digest}" text "${text}")
endforeach()
file(WRITE ${OUTPUT} "${text}")
