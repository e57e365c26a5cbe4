#include "bench/instructions/counting.h"

#include <dlfcn.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

thread_local bool counting = false;
thread_local bench::Counts counts;

using Copy = void* (*)(void*, const void*, std::size_t);

// What memcpy is until the dynamic linker can be asked for the real one.
void* copy_slowly(void* to, const void* from, std::size_t size) {
    auto* target = static_cast<volatile char*>(to);
    const auto* source = static_cast<const char*>(from);
    if (target <= source)
        for (std::size_t i = 0; i < size; ++i) target[i] = source[i];
    else
        for (std::size_t i = size; i > 0; --i) target[i - 1] = source[i - 1];
    return to;
}

Copy real_copy = copy_slowly;
Copy real_move = copy_slowly;

__attribute__((constructor)) void find_real() {
    real_copy = reinterpret_cast<Copy>(::dlsym(RTLD_NEXT, "memcpy"));
    real_move = reinterpret_cast<Copy>(::dlsym(RTLD_NEXT, "memmove"));
}

void note_copy(std::size_t size) {
    if (counting && size >= bench::payload_copy) counts.payload_bytes_copied += size;
}

void* allocate(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
    if (counting) ++counts.allocations;
    void* memory = alignment <= alignof(std::max_align_t)
                       ? std::malloc(size)
                       : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    if (!memory) throw std::bad_alloc();
    return memory;
}

}  // namespace

extern "C" {

void* memcpy(void* to, const void* from, std::size_t size) {
    note_copy(size);
    return real_copy(to, from, size);
}
void* memmove(void* to, const void* from, std::size_t size) {
    note_copy(size);
    return real_move(to, from, size);
}
// What -D_FORTIFY_SOURCE makes of them.
void* __memcpy_chk(void* to, const void* from, std::size_t size, std::size_t) {
    note_copy(size);
    return real_copy(to, from, size);
}
void* __memmove_chk(void* to, const void* from, std::size_t size, std::size_t) {
    note_copy(size);
    return real_move(to, from, size);
}
}

void* operator new(std::size_t size) {
    return allocate(size);
}
void* operator new[](std::size_t size) {
    return allocate(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
    return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}

namespace bench {

void start_counting() {
    counts = {};
    counting = true;
}

Counts stop_counting() {
    counting = false;
    return counts;
}

}  // namespace bench
