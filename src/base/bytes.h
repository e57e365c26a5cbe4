// Byte vocabulary used everywhere: owned bytes, a view of bytes, and shared immutable bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace base {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline void append(Bytes& to, ByteView more) {
    to.insert(to.end(), more.begin(), more.end());
}

// A view of bytes together with shared ownership of what it views. Copying it copies no payload and is safe
// between threads, because nobody may change the bytes after the first copy was handed out.
class SharedBytes {
  public:
    SharedBytes() = default;
    explicit SharedBytes(Bytes bytes) {
        auto owned = std::make_shared<const Bytes>(std::move(bytes));
        view_ = ByteView(owned->data(), owned->size());
        owner_ = std::move(owned);
    }
    SharedBytes(std::shared_ptr<const void> owner, ByteView view) : owner_(std::move(owner)), view_(view) {}

    ByteView view() const { return view_; }
    const std::uint8_t* data() const { return view_.data(); }
    std::size_t size() const { return view_.size(); }
    bool empty() const { return view_.empty(); }

    // The part from `offset` on, sharing the same owner. `offset` is at most size().
    SharedBytes from(std::size_t offset) const { return {owner_, view_.subspan(offset)}; }

  private:
    std::shared_ptr<const void> owner_;
    ByteView view_;
};

std::string to_hex(ByteView bytes);
// Bytes of an even number of hexadecimal digits; empty on anything else.
Bytes from_hex(std::string_view text);

}  // namespace base
