#include "api/http/accept_encoding.h"

#include <algorithm>
#include <optional>

#include "api/http/header_text.h"

namespace api::http {
namespace {

// In thousandths (§12.4.2); nothing when it is no weight.
std::optional<int> weight(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
    int value = (text[0] - '0') * 1000;
    if (text.size() > 1 && text[1] != '.') return std::nullopt;
    int place = 100;
    for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
        if (c < '0' || c > '9') return std::nullopt;
        value += (c - '0') * place;
        place /= 10;
    }
    return value <= 1000 ? std::optional(value) : std::nullopt;
}

// What a header says of each; nothing where it does not say.
struct Weights {
    std::optional<int> gzip;
    std::optional<int> brotli;
    std::optional<int> identity;
    std::optional<int> any;
};

Weights read(std::string_view header) {
    Weights weights;
    if (header.size() > max_accept_encoding) return weights;
    for (std::size_t i = 0; i < max_codings && !header.empty(); ++i) {
        std::string_view item = next_item(header, ',');
        const std::string_view coding = next_item(item, ';');
        std::optional<int> q = 1000;
        while (!item.empty()) {
            const std::string_view parameter = next_item(item, ';');
            if (same_ignoring_case(parameter.substr(0, 2), "q=")) q = weight(parameter.substr(2));
        }
        if (!q) continue;
        if (same_ignoring_case(coding, "gzip") || same_ignoring_case(coding, "x-gzip"))
            weights.gzip = std::max(weights.gzip.value_or(0), *q);
        else if (same_ignoring_case(coding, "br"))
            weights.brotli = *q;
        else if (same_ignoring_case(coding, "identity"))
            weights.identity = *q;
        else if (coding == "*")
            weights.any = *q;
    }
    return weights;
}

}  // namespace

std::string_view to_string(Coding coding) {
    switch (coding) {
        case Coding::gzip:
            return "gzip";
        case Coding::brotli:
            return "br";
        case Coding::identity:
            break;
    }
    return {};
}

Coding choose_coding(std::string_view header, Codings there) {
    const Weights weights = read(header);
    const int any = weights.any.value_or(0);
    // Plain bytes need not be named to be liked; but what is named comes before what is not.
    int best = weights.identity.value_or(0);
    Coding chosen = Coding::identity;
    const auto offer = [&](Coding coding, int liked) {
        if (liked == 0 || liked < best) return;
        best = liked;
        chosen = coding;
    };
    if (there.gzip) offer(Coding::gzip, weights.gzip.value_or(any));
    if (there.brotli) offer(Coding::brotli, weights.brotli.value_or(any));
    return chosen;
}

bool accepts_gzip(std::string_view header) {
    return choose_coding(header, {.brotli = false}) == Coding::gzip;
}

}  // namespace api::http
