#include "format/fmp4/box.h"
#include "format/fmp4/recording.h"
#include "format/fmp4/recording_boxes.h"

// Section numbers are those of ISO/IEC 14496-12.
namespace format::fmp4 {
namespace {

using base::ByteReader;
using base::ByteView;

// The header of a box whose content need not be there.
struct Header {
    std::uint32_t type = 0;
    std::uint64_t size = 0;
};
std::optional<Header> header_at(ByteView bytes, std::size_t at, std::size_t end) {
    if (end - at < box_header_size) return std::nullopt;
    ByteReader reader(bytes.subspan(at));
    Header header;
    header.size = reader.u32();
    header.type = reader.u32();
    if (header.size < box_header_size) return std::nullopt;
    return header;
}

// mvex's first box is the room for the duration, or the duration (8.8.2).
void read_mvex(ByteView bytes, std::size_t at, std::size_t end, RecordedLead& lead) {
    const auto first = header_at(bytes, at, end);
    if (!first || first->size != duration_box_size || end - at < duration_box_size) return;
    if (first->type == box_type("free")) lead.duration_at = at;
    if (first->type != box_type("mehd")) return;
    lead.duration_at = at;
    ByteReader reader(bytes.subspan(at + box_header_size));
    const bool wide = read_full_box_header(reader).version == 1;
    const std::uint64_t duration = reader.u64();
    constexpr std::uint64_t most = std::uint64_t{1} << 53;
    if (wide && duration <= most)
        lead.duration = std::chrono::milliseconds(static_cast<std::int64_t>(duration));
}

void read_init(ByteView init, RecordedLead& lead) {
    for (std::size_t at = 0; const auto top = header_at(init, at, init.size());) {
        if (top->size > init.size() - at) return;
        const std::size_t end = at + static_cast<std::size_t>(top->size);
        if (top->type == box_type("moov")) {
            for (std::size_t in = at + box_header_size; const auto box = header_at(init, in, end);) {
                if (box->size > end - in) return;
                if (box->type == box_type("mvex"))
                    read_mvex(init, in + box_header_size, in + static_cast<std::size_t>(box->size), lead);
                in += static_cast<std::size_t>(box->size);
            }
        }
        at = end;
    }
}

// 8.16.5.
std::optional<base::WallTime> read_prft(ByteView body) {
    using namespace std::chrono;
    ByteReader reader(body);
    const bool wide = read_full_box_header(reader).version == 1;
    reader.u32();
    const std::uint64_t ntp = reader.u64();
    const std::uint64_t time = wide ? reader.u64() : reader.u32();
    const auto whole = static_cast<std::int64_t>(ntp >> 32) - ntp_epoch;
    if (reader.failed() || time != 0 || whole < 0) return std::nullopt;
    // To the nearest: the fraction was cut when it was written.
    const auto rest = static_cast<std::int64_t>(((ntp & 0xffff'ffff) * 1'000'000 + 0x7fff'ffff) >> 32);
    return base::WallTime(seconds(whole) + microseconds(rest));
}

}  // namespace

RecordedLead read_recording_lead(ByteView lead, std::uint64_t init_size) {
    RecordedLead found;
    if (init_size > lead.size()) return found;
    auto at = static_cast<std::size_t>(init_size);
    read_init(lead.first(at), found);
    while (const auto box = header_at(lead, at, lead.size())) {
        if (box->size > lead.size() - at) break;
        if (box->type == box_type("prft"))
            found.began = read_prft(
                lead.subspan(at + box_header_size, static_cast<std::size_t>(box->size) - box_header_size));
        else if (box->type != box_type("free"))
            break;
        at += static_cast<std::size_t>(box->size);
    }
    return found;
}

}  // namespace format::fmp4
