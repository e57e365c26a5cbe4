#include "storage/presign.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "storage/digest.h"

namespace storage {
namespace {

base::Secret to_secret(const Sha256& digest) {
    return base::Secret(std::string(base::as_text(digest)));
}

// kSigning: the secret, bound to a day, a region and a service.
base::Secret signing_key(const StoreSettings& settings, std::string_view day) {
    base::Secret key("AWS4" + settings.secret_key.reveal());
    for (const std::string_view part :
         {day, std::string_view(settings.region), std::string_view("s3"), std::string_view("aws4_request")})
        key = to_secret(hmac_sha256(base::as_bytes(key.reveal()), base::as_bytes(part)));
    return key;
}

}  // namespace

base::Result<std::string> presigned_get(const StoreSettings& settings, const Presign& wanted,
                                        base::WallTime now) {
    if (wanted.valid < std::chrono::seconds(1) || wanted.valid > longest_presigned)
        return base::fail(base::ErrorCode::invalid_argument, "a signed URL is valid for 1 s to 7 days");
    const std::string time =
        fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::chrono::floor<std::chrono::seconds>(now)));
    const std::string day = time.substr(0, 8);
    const std::string scope = fmt::format("{}/{}/s3/aws4_request", day, settings.region);
    Query query{{"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
                {"X-Amz-Credential", settings.access_key_id + "/" + scope},
                {"X-Amz-Date", time},
                {"X-Amz-Expires", std::to_string(wanted.valid.count())},
                {"X-Amz-SignedHeaders", "host"}};
    if (!wanted.content_type.empty()) query.emplace_back("response-content-type", wanted.content_type);
    if (!wanted.content_disposition.empty())
        query.emplace_back("response-content-disposition", wanted.content_disposition);
    auto url = object_url(settings, wanted.key, std::move(query));
    if (!url) return base::fail(std::move(url.error()));

    const std::string request =
        fmt::format("GET\n{}\n{}\nhost:{}\n\nhost\nUNSIGNED-PAYLOAD", url->path, url->query, url->host);
    const std::string to_sign = fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", time, scope,
                                            base::to_hex(sha256(base::as_bytes(request))));
    const base::Secret key = signing_key(settings, day);
    url->query += "&X-Amz-Signature=" +
                  base::to_hex(hmac_sha256(base::as_bytes(key.reveal()), base::as_bytes(to_sign)));
    return url->text();
}

}  // namespace storage
