// Which addresses may be reached: the input is one, as 4 bytes, as 16, or as text. An address hidden in
// another is judged as what it is, and what Asio itself calls special is never public.
#include "net/address_policy.h"

#include <boost/asio/ip/address.hpp>
#include <string>

#include "base/bytes.h"
#include "fuzz/require.h"

namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;
using net::AddressClass;

bool is_special(const address& ip) {
    if (ip.is_loopback() || ip.is_multicast() || ip.is_unspecified()) return true;
    return ip.is_v6() && (ip.to_v6().is_link_local() || ip.to_v6().is_site_local());
}

void check(const address& ip) {
    const AddressClass is = net::classify(ip);
    const bool is_public = is == AddressClass::public_;
    fuzz::require(net::allowed(ip, false) == is_public);
    fuzz::require(net::allowed(ip, true) ==
                  (is_public || is == AddressClass::private_ || is == AddressClass::loopback));
    fuzz::require(!is_public || !is_special(ip));
    fuzz::require(!net::description(is).empty());
}

// The ways to write an IPv4 address inside an IPv6 one (RFC 4291, 2.5.5; RFC 6052; RFC 3056).
void check_inside(const address_v4& ip) {
    const AddressClass is = net::classify(ip);
    const auto bytes = ip.to_bytes();
    const auto inside = [&](address_v6::bytes_type outer, std::size_t at) {
        std::copy(bytes.begin(), bytes.end(), outer.begin() + static_cast<std::ptrdiff_t>(at));
        return address(address_v6(outer));
    };
    const address mapped = inside({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 12);
    const address nat64 = inside({0x00, 0x64, 0xff, 0x9b}, 12);
    fuzz::require(net::classify(mapped) == is && net::classify(nat64) == is);
    for (const address& other :
         {inside({}, 12), inside({0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 12), inside({0x20, 0x02}, 2)}) {
        check(other);
        fuzz::require(!net::allowed(other, false));
        // ::1 and :: are what they are, not the IPv4 addresses 0.0.0.1 and 0.0.0.0.
        if (is == AddressClass::link_local || is == AddressClass::multicast)
            fuzz::require(!net::allowed(other, true));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 4) {
        address_v4::bytes_type bytes;
        std::copy_n(data, size, bytes.begin());
        check(address_v4(bytes));
        check_inside(address_v4(bytes));
    } else if (size == 16) {
        address_v6::bytes_type bytes;
        std::copy_n(data, size, bytes.begin());
        check(address_v6(bytes));
    } else {
        boost::system::error_code failed;
        const address ip = boost::asio::ip::make_address(std::string(base::as_text({data, size})), failed);
        if (!failed) check(ip);
    }
    return 0;
}
