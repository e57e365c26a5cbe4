# Warnings are errors; hardening is on; sanitizers by preset.

add_library(everycast_flags INTERFACE)
target_compile_options(everycast_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wformat=2 -Wundef -Werror
  -fstack-protector-strong -fno-omit-frame-pointer)
target_include_directories(everycast_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 warns falsely inside std::string and coroutine frames under these two.
  target_compile_options(everycast_flags INTERFACE -Wno-restrict -Wno-maybe-uninitialized -fstack-clash-protection)
endif()

if(EVERYCAST_SANITIZE)
  add_compile_options(-fsanitize=${EVERYCAST_SANITIZE} -fno-sanitize-recover=all -O1)
  add_link_options(-fsanitize=${EVERYCAST_SANITIZE})
  if(EVERYCAST_SANITIZE MATCHES thread)
    # ThreadSanitizer does not know Asio's free-standing fences; the locks beside them say the same.
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
else()
  target_compile_options(everycast_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS)
  add_link_options(-Wl,-z,relro,-z,now)
endif()
if(EVERYCAST_FUZZ)
  # The library's assertions too: they see an index that is past a span's end and still inside its allocation.
  add_compile_options(-fsanitize=fuzzer-no-link -O2)
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
  if(NOT EVERYCAST_SANITIZE)
    # Looking at every comparison finds more for each execution, and costs a third of them.
    add_compile_options(-fno-sanitize-coverage=trace-cmp)
  endif()
endif()

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
find_program(LLD ld.lld)
if(LLD)
  add_link_options(-fuse-ld=lld)
endif()
