#include "net/address_policy.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace net {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;
using Class = AddressClass;

struct Range4 {
    std::uint32_t network;
    int prefix;
    Class is;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
    return a << 24 | b << 16 | c << 8 | d;
}

// IANA's special-purpose registry for IPv4; the first match counts.
constexpr std::array<Range4, 19> ranges4{{
    {v4(0, 0, 0, 0), 8, Class::unspecified},
    {v4(10, 0, 0, 0), 8, Class::private_},
    {v4(100, 64, 0, 0), 10, Class::private_},
    {v4(127, 0, 0, 0), 8, Class::loopback},
    {v4(169, 254, 0, 0), 16, Class::link_local},
    {v4(172, 16, 0, 0), 12, Class::private_},
    {v4(192, 0, 0, 9), 32, Class::public_},   // port control protocol anycast
    {v4(192, 0, 0, 10), 32, Class::public_},  // TURN anycast
    {v4(192, 0, 0, 0), 24, Class::reserved},
    {v4(192, 0, 2, 0), 24, Class::reserved},    // documentation
    {v4(192, 88, 99, 0), 24, Class::reserved},  // 6to4 relays, withdrawn
    {v4(192, 168, 0, 0), 16, Class::private_},
    {v4(198, 18, 0, 0), 15, Class::reserved},    // benchmarking
    {v4(198, 51, 100, 0), 24, Class::reserved},  // documentation
    {v4(203, 0, 113, 0), 24, Class::reserved},   // documentation
    {v4(224, 0, 0, 0), 4, Class::multicast},
    {v4(255, 255, 255, 255), 32, Class::broadcast},
    {v4(240, 0, 0, 0), 4, Class::reserved},
    {v4(168, 63, 129, 16), 32, Class::link_local},  // a cloud's host agent, though its number is public
}};

Class classify4(const address_v4& ip) {
    const std::uint32_t value = ip.to_uint();
    for (const Range4& range : ranges4) {
        const std::uint32_t mask = ~std::uint32_t{0} << (32 - range.prefix);
        if ((value & mask) == range.network) return range.is;
    }
    return Class::public_;
}

using Bytes6 = address_v6::bytes_type;

struct Range6 {
    std::array<std::uint8_t, 16> network;
    int prefix;
    Class is;
};

// IANA's special-purpose registry for IPv6. What is outside 2000::/3 was given to nobody.
constexpr std::array<Range6, 14> ranges6{{
    {{0xfe, 0x80}, 10, Class::link_local},
    {{0xfe, 0xc0}, 10, Class::private_},  // site-local, withdrawn, still met
    {{0xfc}, 7, Class::private_},         // unique local
    {{0xff}, 8, Class::multicast},
    {{0x01, 0x00}, 64, Class::reserved},                          // discard only
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, Class::reserved},  // NAT64 for local use
    {{0x20, 0x01, 0x00, 0x02, 0x00, 0x00}, 48, Class::reserved},  // benchmarking
    {{0x20, 0x01, 0x0d, 0xb8}, 32, Class::reserved},              // documentation
    {{0x20, 0x01, 0x00, 0x10}, 28, Class::reserved},              // ORCHID
    {{0x20, 0x01, 0x00, 0x20}, 28, Class::reserved},              // ORCHIDv2
    {{0x20, 0x01, 0x00, 0x00}, 23, Class::reserved},              // protocol assignments
    {{0x3f, 0xff, 0x00}, 20, Class::reserved},                    // documentation
    {{0x5f, 0x00}, 16, Class::reserved},                          // segment routing
    {{0x20, 0x02}, 16, Class::reserved},                          // 6to4: its relays were withdrawn
}};

bool has_prefix(const Bytes6& bytes, const std::array<std::uint8_t, 16>& network, int prefix) {
    for (int bit = 0; bit < prefix; bit += 8) {
        const int rest = std::min(8, prefix - bit);
        const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
        const auto index = static_cast<std::size_t>(bit / 8);
        if ((bytes[index] & mask) != (network[index] & mask)) return false;
    }
    return true;
}

address_v4 inner(const Bytes6& bytes, std::size_t offset, std::uint8_t flip = 0) {
    address_v4::bytes_type inside{};
    for (std::size_t i = 0; i < inside.size(); ++i) inside[i] = bytes[offset + i] ^ flip;
    return address_v4(inside);
}

Class unless_public(Class inside, Class otherwise) {
    return inside == Class::public_ ? otherwise : inside;
}

Class classify6(const address_v6& ip) {
    if (ip.is_unspecified()) return Class::unspecified;
    if (ip.is_loopback()) return Class::loopback;
    const Bytes6 bytes = ip.to_bytes();
    constexpr std::array<std::uint8_t, 16> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    constexpr std::array<std::uint8_t, 16> translated{0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    constexpr std::array<std::uint8_t, 16> nat64{0x00, 0x64, 0xff, 0x9b};
    constexpr std::array<std::uint8_t, 16> teredo{0x20, 0x01, 0x00, 0x00};
    constexpr std::array<std::uint8_t, 16> six_to_four{0x20, 0x02};
    if (has_prefix(bytes, mapped, 96) || has_prefix(bytes, nat64, 96)) return classify4(inner(bytes, 12));
    if (has_prefix(bytes, translated, 96) || has_prefix(bytes, {}, 96))
        return unless_public(classify4(inner(bytes, 12)), Class::reserved);
    if (has_prefix(bytes, six_to_four, 16)) return unless_public(classify4(inner(bytes, 2)), Class::reserved);
    // Teredo hides the client's address with all its bits turned over (RFC 4380, 4).
    if (has_prefix(bytes, teredo, 32))
        return unless_public(classify4(inner(bytes, 12, 0xff)), Class::reserved);
    for (const Range6& range : ranges6)
        if (has_prefix(bytes, range.network, range.prefix)) return range.is;
    return (bytes[0] & 0xe0) == 0x20 ? Class::public_ : Class::reserved;
}

}  // namespace

AddressClass classify(const address& ip) {
    return ip.is_v4() ? classify4(ip.to_v4()) : classify6(ip.to_v6());
}

bool allowed(const address& ip, bool allow_private) {
    switch (classify(ip)) {
        case Class::public_:
            return true;
        case Class::loopback:
        case Class::private_:
            return allow_private;
        default:
            return false;
    }
}

std::string_view description(AddressClass address_class) {
    switch (address_class) {
        case Class::public_:
            return "a public address";
        case Class::loopback:
            return "a loopback address";
        case Class::private_:
            return "a private address";
        case Class::link_local:
            return "a link-local address";
        case Class::multicast:
            return "a multicast address";
        case Class::broadcast:
            return "the broadcast address";
        case Class::unspecified:
            return "an unspecified address";
        case Class::reserved:
            return "a reserved address";
    }
    return "a reserved address";
}

}  // namespace net
