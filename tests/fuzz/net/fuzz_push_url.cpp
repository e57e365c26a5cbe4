// URLs of destinations. What is taken fits into a request line, a Host header and an RTMP command without
// changing them, means the same when it is read again, and no error repeats a part of what was pasted.
#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "fuzz/require.h"
#include "net/push_url.h"

namespace {

constexpr std::string_view canary = "s3cr3tk3y";

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

void check_read_again(const net::PushUrl& url) {
    const auto same = net::parse_push_url(url.tc_url);
    fuzz::require(same && same->scheme == url.scheme && same->host == url.host && same->port == url.port);
    fuzz::require(same->tc_url == url.tc_url && same->app == url.app);
    const auto by_authority =
        net::parse_push_url(std::string(net::to_string(url.scheme)) + "://" + url.authority() + url.target);
    fuzz::require(by_authority && by_authority->host == url.host && by_authority->port == url.port &&
                  by_authority->target == url.target);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = base::as_text({data, size});
    const auto url = net::parse_push_url(text);
    if (!url) {
        fuzz::require(url.error().message.size() < 300);
        fuzz::require(url.error().message.find(canary) == std::string::npos);
        return 0;
    }
    fuzz::require(text.size() <= net::max_push_url && !url->host.empty() && url->port != 0);
    fuzz::require(is_plain(url->host) && is_plain(url->authority()));
    fuzz::require(is_plain(url->target) && url->target.front() == '/');
    fuzz::require(is_plain(url->tc_url) && is_plain(url->app));
    fuzz::require(url->host.find_first_of("/@?#%\\[]") == std::string::npos);
    fuzz::require(url->target.find('#') == std::string::npos);
    check_read_again(*url);
    return 0;
}
