#include "storage/store_xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <pugixml.hpp>

namespace storage {
namespace {

tl::unexpected<base::Error> malformed(const char* what) {
    return base::fail(base::ErrorCode::malformed,
                      fmt::format("the store's answer cannot be understood: {}", what));
}

// Elements and text alone: no document types, no processing instructions.
base::Result<pugi::xml_node> parse(pugi::xml_document& into, std::string_view document, const char* root) {
    if (document.size() > max_document)
        return base::fail(base::ErrorCode::limit_exceeded, "the store's answer is too long");
    constexpr unsigned options = pugi::parse_escapes | pugi::parse_cdata | pugi::parse_eol;
    if (!into.load_buffer(document.data(), document.size(), options, pugi::encoding_utf8))
        return malformed("no XML");
    const pugi::xml_node node = into.document_element();
    if (std::string_view(node.name()) != root || node.next_sibling()) return malformed("another document");
    return node;
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

std::string printable(std::string_view text) {
    std::string shown;
    for (const char c : text.substr(0, max_error_text)) shown.push_back(c >= ' ' && c <= '~' ? c : ' ');
    return shown;
}

std::string escaped(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        if (c == '&')
            safe += "&amp;";
        else if (c == '<')
            safe += "&lt;";
        else if (c == '>')
            safe += "&gt;";
        else
            safe.push_back(c);
    }
    return safe;
}

}  // namespace

std::string plain_etag(std::string_view etag) {
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
    const bool usable =
        !etag.empty() && etag.size() <= max_etag &&
        std::all_of(etag.begin(), etag.end(), [](char c) { return c > ' ' && c <= '~' && c != '"'; });
    return usable ? std::string(etag) : std::string();
}

StoreProblem read_problem(std::string_view document) {
    pugi::xml_document parsed;
    const auto node = parse(parsed, document, "Error");
    if (!node) return {};
    const auto text = [&](const char* name) { return printable(node->child_value(name)); };
    return {text("Code"), text("Message"), text("Region")};
}

base::Result<std::string> read_upload_id(std::string_view document) {
    pugi::xml_document parsed;
    const auto node = parse(parsed, document, "InitiateMultipartUploadResult");
    if (!node) return base::fail(node.error());
    std::string id = node->child_value("UploadId");
    const bool printable_id = std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~'; });
    if (id.empty() || id.size() > max_upload_id || !printable_id) return malformed("no upload id");
    return id;
}

base::Result<PartsPage> read_parts(std::string_view document) {
    pugi::xml_document parsed;
    const auto node = parse(parsed, document, "ListPartsResult");
    if (!node) return base::fail(node.error());
    PartsPage page;
    int last = 0;
    for (const pugi::xml_node part : node->children("Part")) {
        UploadedPart read;
        read.etag = plain_etag(part.child_value("ETag"));
        if (!read_number(part.child_value("PartNumber"), read.number) || read.number <= last ||
            read.number > max_parts || !read_number(part.child_value("Size"), read.size) || read.etag.empty())
            return malformed("a part without number, size or ETag");
        last = read.number;
        page.parts.push_back(std::move(read));
    }
    const std::string_view truncated = node->child_value("IsTruncated");
    if (truncated == "true") {
        if (!read_number(node->child_value("NextPartNumberMarker"), page.next_after) || page.next_after < 1 ||
            page.next_after > max_parts)
            return malformed("a list that goes on nowhere");
    } else if (truncated != "false" && !truncated.empty()) {
        return malformed("a list that does not say whether it goes on");
    }
    return page;
}

base::Result<std::string> read_completed(std::string_view document) {
    pugi::xml_document parsed;
    const auto node = parse(parsed, document, "CompleteMultipartUploadResult");
    if (!node) return base::fail(node.error());
    std::string etag = plain_etag(node->child_value("ETag"));
    if (etag.empty()) return malformed("no ETag");
    return etag;
}

std::string write_complete(const std::vector<UploadedPart>& parts) {
    std::string document = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    for (const UploadedPart& part : parts)
        document += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>\"{}\"</ETag></Part>", part.number,
                                escaped(part.etag));
    return document + "</CompleteMultipartUpload>";
}

}  // namespace storage
