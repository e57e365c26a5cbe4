#include "storage/upload.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

#include "storage/digest.h"

namespace storage {
namespace {

// The file, a part at a time. A change of its size is noticed.
class Source {
  public:
    static base::Result<Source> open(const std::filesystem::path& path) {
        Source source(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        struct stat facts {};
        if (source.fd_ < 0 || ::fstat(source.fd_, &facts) != 0) return failed("opened", errno);
        if (!S_ISREG(facts.st_mode)) return failed("opened", EINVAL);
        source.size_ = static_cast<std::uint64_t>(facts.st_size);
        return source;
    }
    Source(Source&& other) noexcept : fd_(std::exchange(other.fd_, -1)), size_(other.size_) {}
    Source& operator=(Source&&) = delete;
    ~Source() {
        if (fd_ >= 0) ::close(fd_);
    }

    std::uint64_t size() const { return size_; }
    base::Result<> read(std::uint64_t offset, std::uint64_t count, base::Bytes& into) const {
        into.resize(static_cast<std::size_t>(count));
        for (std::size_t done = 0; done < into.size();) {
            const ssize_t got =
                ::pread(fd_, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return failed("read", errno);
            if (got == 0)
                return base::fail(base::ErrorCode::internal, "the file became shorter while it was uploaded");
            done += static_cast<std::size_t>(got);
        }
        return {};
    }

  private:
    explicit Source(int fd) : fd_(fd) {}
    static tl::unexpected<base::Error> failed(const char* what, int error) {
        return base::fail(error == ENOENT ? base::ErrorCode::not_found : base::ErrorCode::internal,
                          fmt::format("the file to be uploaded cannot be {}: {}", what,
                                      std::generic_category().message(error)));
    }

    int fd_;
    std::uint64_t size_ = 0;
};

class Upload {
  public:
    Upload(Client& client, const UploadJob& job, const UploadHooks& hooks, const Source& source,
           std::uint64_t part_size)
        : client_(client), job_(job), hooks_(hooks), source_(source), part_size_(part_size) {}

    base::Result<Uploaded> in_one_piece() {
        base::Bytes bytes;
        if (auto read = source_.read(0, source_.size(), bytes); !read)
            return base::fail(std::move(read.error()));
        auto put = client_.put(job_.key, bytes, job_.headers);
        if (!put) return base::fail(std::move(put.error()));
        tell(source_.size());
        return verified({}, base::to_hex(md5(bytes)), put->etag);
    }

    // Some stores do not tell what they have of an upload: it is as good as gone.
    static bool cannot_list(const base::Error& error) {
        return error.code == base::ErrorCode::refused || error.code == base::ErrorCode::malformed;
    }

    // `upload_id` is empty for a new one.
    base::Result<Uploaded> in_parts(std::string upload_id) {
        std::vector<UploadedPart> there;
        if (upload_id.empty()) {
            auto created = client_.create_upload(job_.key, job_.headers);
            if (!created) return base::fail(std::move(created.error()));
            upload_id = std::move(*created);
            if (hooks_.begun && !hooks_.begun(upload_id)) {
                // Nobody would know of it any more.
                [[maybe_unused]] const auto aborted = client_.abort_upload(job_.key, upload_id);
                return base::fail(base::ErrorCode::unavailable, "the upload's id cannot be kept");
            }
        } else {
            auto listed = client_.list_parts(job_.key, upload_id);
            if (!listed && cannot_list(listed.error())) listed.error().name = upload_gone;
            if (!listed) return base::fail(std::move(listed.error()));
            there = std::move(*listed);
        }

        std::vector<UploadedPart> parts;
        base::Bytes digests;
        Md5Stream whole;
        base::Bytes bytes;
        std::uint64_t reused = 0;
        for (std::uint64_t offset = 0; offset < source_.size(); offset += bytes.size()) {
            const int number = static_cast<int>(parts.size()) + 1;
            if (auto read = source_.read(offset, std::min(part_size_, source_.size() - offset), bytes); !read)
                return base::fail(std::move(read.error()));
            const Md5 digest = md5(bytes);
            base::append(digests, digest);
            whole.add(bytes);
            // What the store has is taken as ours only when its digest says so.
            const UploadedPart ours{number, base::to_hex(digest), bytes.size()};
            if (std::find(there.begin(), there.end(), ours) != there.end()) {
                parts.push_back(ours);
                ++reused;
            } else {
                auto etag = client_.upload_part(job_.key, upload_id, number, bytes);
                if (!etag) return base::fail(std::move(etag.error()));
                parts.push_back({number, std::move(*etag), bytes.size()});
            }
            tell(offset + bytes.size());
        }

        const std::string of_parts = multipart_etag(digests, parts.size());
        const std::string of_whole = base::to_hex(whole.finish());
        auto completed = client_.complete_upload(job_.key, upload_id, parts);
        if (!completed) {
            // A try before this one may have done it, and only its answer was lost.
            if (completed.error().name == upload_gone) {
                auto done = verified(of_parts, of_whole, {});
                if (done && done->digest_compared) return done;
            }
            return base::fail(std::move(completed.error()));
        }
        auto done = verified(of_parts, of_whole, *completed);
        if (done) done->reused_parts = reused;
        return done;
    }

    // The object is there, and its digest is the file's.
    std::optional<Uploaded> already_there() {
        const auto object = client_.head(job_.key);
        if (!object || object->size != source_.size()) return std::nullopt;
        base::Bytes digests;
        Md5Stream whole;
        base::Bytes bytes;
        std::size_t parts = 0;
        for (std::uint64_t offset = 0; offset < source_.size(); offset += bytes.size(), ++parts) {
            if (!source_.read(offset, std::min(part_size_, source_.size() - offset), bytes))
                return std::nullopt;
            base::append(digests, md5(bytes));
            whole.add(bytes);
        }
        auto done = verified(multipart_etag(digests, parts), base::to_hex(whole.finish()), {});
        if (!done || !done->digest_compared) return std::nullopt;
        return std::move(*done);
    }

  private:
    static std::string multipart_etag(const base::Bytes& digests, std::size_t parts) {
        return fmt::format("{}-{}", base::to_hex(md5(digests)), parts);
    }

    void tell(std::uint64_t sent) const {
        if (hooks_.progress) hooks_.progress({job_.key, sent, source_.size()});
    }

    // Asks what the store has now, and holds it against the file: the digest of the parts' digests (empty: it
    // went in one piece), that of the whole, and the ETag at the end (empty: not known).
    base::Result<Uploaded> verified(const std::string& of_parts, const std::string& of_whole,
                                    const std::string& told) const {
        auto object = client_.head(job_.key);
        if (!object) return base::fail(std::move(object.error()));
        const auto differs = [&](const char* what) {
            return base::fail(
                base::Error{base::ErrorCode::malformed,
                            fmt::format("the store's {} of {} is not that of the file: the local copy stays",
                                        what, job_.key),
                            digest_differs});
        };
        const std::string& etag = object->etag;
        if (object->size != source_.size()) return differs("size");
        if (!told.empty() && !etag.empty() && etag != told) return differs("ETag");
        const bool equal = !object->opaque_etag && (etag == of_parts || etag == of_whole);
        const bool comparable =
            !object->opaque_etag && (of_parts.empty() ? is_md5_etag(etag) : is_multipart_md5_etag(etag));
        if (comparable && !equal) return differs("digest");
        return Uploaded{std::move(*object), equal};
    }

    Client& client_;
    const UploadJob& job_;
    const UploadHooks& hooks_;
    const Source& source_;
    std::uint64_t part_size_;
};

}  // namespace

std::uint64_t part_size_for(std::uint64_t file_size, std::uint64_t wanted) {
    constexpr std::uint64_t mebibyte = 1 << 20;
    if (file_size > max_object_size) return 0;
    const std::uint64_t needed = (file_size + max_parts - 1) / max_parts;
    const std::uint64_t size = std::clamp(std::max(wanted, needed), smallest_part, largest_part);
    return (size + mebibyte - 1) / mebibyte * mebibyte;
}

base::Result<Uploaded> upload_file(Client& client, const UploadJob& job, const UploadSettings& settings,
                                   const UploadHooks& hooks) {
    auto source = Source::open(job.file);
    if (!source) return base::fail(std::move(source.error()));
    const std::uint64_t part_size = part_size_for(source->size(), settings.part_size);
    if (part_size == 0)
        return base::fail(base::ErrorCode::too_large,
                          fmt::format("a file of {} bytes is larger than a store takes", source->size()));
    Upload upload(client, job, hooks, *source, part_size);
    if (source->size() <= part_size) return upload.in_one_piece();
    if (!job.upload_id.empty()) {
        auto resumed = upload.in_parts(job.upload_id);
        if (resumed || resumed.error().name != upload_gone) return resumed;
        // It may have been finished by a process that did not live to hear of it.
        if (auto there = upload.already_there()) return std::move(*there);
        [[maybe_unused]] const auto aborted = client.abort_upload(job.key, job.upload_id);
    }
    return upload.in_parts({});
}

}  // namespace storage
