// The Range header (RFC 9110 §14). One range of bytes is given; several are not put together: whoever asks
// for them gets the whole, which §14.2 allows. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace api::http {

// A longer header is not read: the whole body is the answer.
constexpr std::size_t max_range_header = 256;

struct RangeAnswer {
    enum class Kind : std::uint8_t { whole, part, unsatisfiable };
    Kind kind = Kind::whole;
    // Of a part; inside the body.
    std::uint64_t first = 0;
    std::uint64_t count = 0;

    bool operator==(const RangeAnswer&) const = default;
};

// What the header asks of a body of so many bytes. What is not understood asks for the whole.
RangeAnswer read_range(std::string_view header, std::uint64_t size);

}  // namespace api::http
