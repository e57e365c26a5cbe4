#include "api/pages/page_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <utility>

#include "api/http/html.h"

namespace api::pages {
namespace {

using Value = std::pair<std::string_view, std::string>;

// Values are HTML already. A name that nobody gives stays empty.
std::string fill(std::string_view page, std::initializer_list<Value> values) {
    std::string out;
    out.reserve(page.size() + 2048);
    while (true) {
        const auto open = page.find("{{");
        out += page.substr(0, open);
        if (open == std::string_view::npos) return out;
        page.remove_prefix(open + 2);
        const auto close = page.find("}}");
        const std::string_view name = page.substr(0, close);
        const auto value = std::ranges::find(values, name, &Value::first);
        if (value != values.end()) out += value->second;
        if (close == std::string_view::npos) return out;
        page.remove_prefix(close + 2);
    }
}

std::string meta(std::string_view property, std::string_view content) {
    if (content.empty()) return {};
    return "<meta property=\"" + std::string(property) + "\" content=\"" + http::escape_html(content) +
           "\">\n";
}

// A picture that lies here gets the whole address: whoever shows a preview does not know where "here" is.
std::string absolute(const std::string& url, const std::string& public_url) {
    if (url.empty() || url.starts_with("https://") || url.starts_with("http://")) return url;
    return url.starts_with('/') ? public_url + url : std::string();
}

// Open Graph, and the address of the oEmbed answer.
std::string head(const PageFacts& facts) {
    const std::string page = facts.public_url + "/watch/" + facts.id;
    const std::string player = facts.public_url + "/embed/" + facts.id;
    std::string out =
        "<link rel=\"alternate\" type=\"application/json+oembed\" href=\"" +
        http::escape_html(facts.public_url + "/api/oembed?url=" + percent_encode(page) + "&format=json") +
        "\">\n<link rel=\"canonical\" href=\"" + http::escape_html(page) + "\">\n";
    out += meta("og:url", page);
    out += meta("og:type", "video.other");
    if (facts.description) {
        const Description& about = *facts.description;
        out += meta("og:title", about.title);
        out += meta("og:description", about.text);
        out += meta("og:site_name", about.station_name);
        out += meta("og:image", absolute(about.picture_url, facts.public_url));
    }
    out += meta("og:video", player);
    out += meta("og:video:type", "text/html");
    out += meta("og:video:width", "1280");
    out += meta("og:video:height", "720");
    return out;
}

std::string page_of(std::string_view page_template, const PageFacts& facts, std::string head_html) {
    const Description about = facts.description.value_or(Description{});
    return fill(page_template,
                {{"id", http::escape_html(facts.id)},
                 {"assets", http::escape_html(facts.assets)},
                 {"kind", is_asset_id(facts.id) ? "recording" : "live"},
                 {"title", http::escape_html(about.title)},
                 {"title_bar", http::escape_html(about.title.empty() ? "Everycast" : about.title)},
                 {"text", http::escape_html(about.text)},
                 {"station", http::escape_html(about.station_name)},
                 {"head", std::move(head_html)}});
}

}  // namespace

bool is_playable_id(std::string_view text) {
    return !text.empty() && text.size() <= max_id_length && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    });
}

bool is_asset_id(std::string_view id) {
    return id.starts_with("as_");
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x80 && std::isalnum(byte)) || c == '-' || c == '_' || c == '.' || c == '~') {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

std::string watch_page(std::string_view page_template, const PageFacts& facts) {
    return page_of(page_template, facts, facts.id.empty() ? std::string() : head(facts));
}

std::string embed_page(std::string_view page_template, const PageFacts& facts) {
    return page_of(page_template, facts, {});
}

}  // namespace api::pages
