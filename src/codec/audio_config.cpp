#include "codec/audio_config.h"

#include "codec/records.h"
#include "media/facts.h"

namespace codec {

base::Result<AudioConfig> read_audio_config(media::Codec codec, base::ByteView record) {
    switch (codec) {
        case media::Codec::aac:
            return read_aac_record(record);
        case media::Codec::opus:
            return read_opus_record(record);
        case media::Codec::flac:
            return read_flac_record(record);
        default:
            return base::fail(base::ErrorCode::unsupported, std::string(media::display_name(codec)) +
                                                                " has no configuration record that is read");
    }
}

}  // namespace codec
