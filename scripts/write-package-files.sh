#!/usr/bin/env bash
# Writes trimtab.pc and the CMake config. Usage: write-package-files.sh FOLDER PREFIX VERSION
# A static link needs what FOLDER/link-flags says (libm alone, but for the library built without Embedded Swift).
set -euo pipefail
folder=$1 prefix=$2 version=$3
link_flags=-lm
if [ -f "$folder/link-flags" ]; then link_flags=$(cat "$folder/link-flags"); fi
mkdir -p "$folder/pkgconfig" "$folder/cmake/trimtab"
cat > "$folder/pkgconfig/trimtab.pc" <<EOF
prefix=$prefix
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: trimtab
Description: Tells a training program that training is becoming unstable, why, and what cures it
Version: $version
Libs: -L\${libdir} -ltrimtab
Libs.private: $link_flags
Cflags: -I\${includedir}
EOF
cat > "$folder/cmake/trimtab/trimtab-config.cmake" <<EOF
# find_package(trimtab) gives trimtab::trimtab (shared) and trimtab::trimtab_static.
get_filename_component(_trimtab_lib "\${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
get_filename_component(_trimtab_prefix "\${_trimtab_lib}/.." ABSOLUTE)
if(NOT TARGET trimtab::trimtab)
  add_library(trimtab::trimtab SHARED IMPORTED)
  set_target_properties(trimtab::trimtab PROPERTIES
    IMPORTED_LOCATION "\${_trimtab_lib}/libtrimtab\${CMAKE_SHARED_LIBRARY_SUFFIX}"
    INTERFACE_INCLUDE_DIRECTORIES "\${_trimtab_prefix}/include")
  add_library(trimtab::trimtab_static STATIC IMPORTED)
  set_target_properties(trimtab::trimtab_static PROPERTIES
    IMPORTED_LOCATION "\${_trimtab_lib}/libtrimtab.a"
    INTERFACE_LINK_LIBRARIES "$link_flags"
    INTERFACE_INCLUDE_DIRECTORIES "\${_trimtab_prefix}/include")
endif()
unset(_trimtab_lib)
unset(_trimtab_prefix)
EOF
cat > "$folder/cmake/trimtab/trimtab-config-version.cmake" <<EOF
set(PACKAGE_VERSION "$version")
if(PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE FALSE)
else()
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
  if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
    set(PACKAGE_VERSION_EXACT TRUE)
  endif()
endif()
EOF
