# Toolchain file: rvm for aarch64, built on Debian 12 for amd64; programs of the build and tests run under qemu-user.
#
#   cmake -S . -B build/aarch64 -G Ninja --toolchain core/cmake/aarch64-linux-gnu.cmake
#
# Needs the packages that packages.txt lists as `cross`, after `dpkg --add-architecture arm64`: .ci/aarch64 has them in a root of
# its own, for libraries of two architectures do not always install side by side.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static) # the loader and the libraries are where Debian puts them
set(ENV{PKG_CONFIG_LIBDIR} /usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig)
