#include "storage/store_error.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "storage/store_xml.h"

namespace storage {
namespace {

using base::ErrorCode;

struct Meaning {
    std::string_view code;
    ErrorCode error;
    bool again;
    std::string_view mend;
    const char* name = "";
};

constexpr std::array meanings{
    Meaning{"InvalidAccessKeyId", ErrorCode::unauthenticated, false,
            "the store does not know the access key id: check it, and that it belongs to this endpoint"},
    Meaning{"SignatureDoesNotMatch", ErrorCode::unauthenticated, false,
            "the store does not accept the signature: check the secret key and the region"},
    Meaning{"AccessDenied", ErrorCode::forbidden, false,
            "the store refuses: allow this access key to put, get, list and delete objects in the bucket"},
    Meaning{"AllAccessDisabled", ErrorCode::forbidden, false,
            "the store has locked the bucket or the account: ask whoever runs it"},
    Meaning{"RequestTimeTooSkewed", ErrorCode::unauthenticated, false,
            "this machine's clock differs from the store's: set it (timedatectl set-ntp true)"},
    Meaning{"RequestExpired", ErrorCode::unauthenticated, true,
            "the request came too late: check this machine's clock"},
    Meaning{"NoSuchBucket", ErrorCode::not_found, false,
            "there is no such bucket: create it, or correct its name in the settings"},
    Meaning{"NoSuchUpload", ErrorCode::not_found, false, "the store does not know this upload any more",
            upload_gone},
    Meaning{"NoSuchKey", ErrorCode::not_found, false, "there is no such object"},
    Meaning{"PermanentRedirect", ErrorCode::invalid_argument, false,
            "the bucket is elsewhere: correct the endpoint and the region"},
    Meaning{"TemporaryRedirect", ErrorCode::unavailable, true, "the bucket is being moved: later"},
    Meaning{"AuthorizationHeaderMalformed", ErrorCode::invalid_argument, false,
            "the store expects another region: correct it in the settings"},
    Meaning{"BadDigest", ErrorCode::malformed, true, "the bytes were damaged on their way", digest_differs},
    Meaning{"XAmzContentSHA256Mismatch", ErrorCode::malformed, true, "the bytes were damaged on their way",
            digest_differs},
    Meaning{"InvalidPart", ErrorCode::conflict, false, "the store has other parts than were sent",
            upload_gone},
    Meaning{"InvalidPartOrder", ErrorCode::conflict, false, "the store has other parts than were sent",
            upload_gone},
    Meaning{"NotImplemented", ErrorCode::refused, false, "the store cannot do this"},
    Meaning{"MethodNotAllowed", ErrorCode::refused, false, "the store cannot do this"},
    Meaning{"EntityTooLarge", ErrorCode::too_large, false, "the store takes no object or part of this size"},
    Meaning{"QuotaExceeded", ErrorCode::forbidden, false,
            "the store's quota is used up: delete something or raise it"},
    Meaning{"XMinioStorageFull", ErrorCode::unavailable, true, "the store is full: make room there"},
    Meaning{"SlowDown", ErrorCode::unavailable, true, "the store asks for fewer requests"},
    Meaning{"ServiceUnavailable", ErrorCode::unavailable, true, "the store is not available"},
    Meaning{"InternalError", ErrorCode::unavailable, true, "the store has a fault of its own"},
    Meaning{"RequestTimeout", ErrorCode::unavailable, true, "the store did not get all in time"},
    Meaning{"OperationAborted", ErrorCode::unavailable, true, "the store was busy with the same object"},
};

// Where the body does not tell (HEAD has none, and proxies speak HTML).
Meaning meaning_of_status(long status) {
    if (status == 301 || status == 307 || status == 308)
        return {"", ErrorCode::invalid_argument, false,
                "the store sends us elsewhere, which is not followed: correct the endpoint and the region"};
    if (status == 401)
        return {"", ErrorCode::unauthenticated, false, "the store does not accept the access key"};
    if (status == 403)
        return {"", ErrorCode::forbidden, false,
                "the store refuses: check the access key, what it may do in the bucket, and this machine's "
                "clock"};
    if (status == 404) return {"", ErrorCode::not_found, false, "there is no such object or bucket"};
    if (status == 413) return {"", ErrorCode::too_large, false, "the store takes no body of this size"};
    if (status == 408 || status == 429 || status >= 500)
        return {"", ErrorCode::unavailable, status != 501 && status != 505, "the store is not available"};
    return {"", ErrorCode::refused, false, "the store refuses the request"};
}

}  // namespace

Failure failure_of(const HttpAnswer& answer, const std::string& bucket) {
    StoreProblem problem = read_problem(answer.body);
    Meaning meaning = meaning_of_status(answer.status);
    for (const Meaning& known : meanings)
        if (known.code == problem.code) meaning = known;
    Failure failure;
    failure.worth_another_try = meaning.again;
    failure.retry_after = answer.retry_after;
    failure.error.code = meaning.error;
    failure.error.name = meaning.name;
    const std::string& region = answer.region.empty() ? problem.region : answer.region;
    std::string said = problem.code.empty() ? fmt::format("HTTP {}", answer.status) : problem.code;
    // What is known needs no words of the store, which may repeat what we sent.
    if (meaning.code.empty() && !problem.message.empty()) said += ", " + problem.message;
    if (meaning.error == ErrorCode::invalid_argument && !region.empty() && region.size() <= 64)
        said += ", region " + region;
    failure.error.message = fmt::format("bucket {}: {} ({})", bucket, meaning.mend, said);
    return failure;
}

}  // namespace storage
