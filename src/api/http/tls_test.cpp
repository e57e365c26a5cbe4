#include <gmock/gmock.h>
#include <unistd.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "api/http/server.h"
#include "support/raw_http.h"

namespace api::http {
namespace {

namespace asio = boost::asio;
using testing::HasSubstr;
using testing::StartsWith;

class Secure : public RequestSink {
  public:
    void handle(Request request, Reply reply) override {
        Response response;
        response.body = request.secure ? "secure" : "plain";
        reply(std::move(response));
    }
    Response refuse(int status, const base::Error&, std::string_view) override {
        Response response;
        response.status = status;
        return response;
    }
};

class TlsTest : public testing::Test {
  protected:
    TlsTest()
        : folder(std::filesystem::temp_directory_path() / ("everycast-tls-" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(folder);
        settings.listen = "127.0.0.1:0";
        settings.certificate_file = folder / "cert.pem";
        settings.key_file = folder / "key.pem";
    }
    ~TlsTest() override { std::filesystem::remove_all(folder); }

    void make_certificate() {
        const std::string command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 "
            "-subj /CN=localhost -keyout '" +
            settings.key_file + "' -out '" + settings.certificate_file + "' 2>/dev/null";
        ASSERT_EQ(std::system(command.c_str()), 0);
    }

    std::filesystem::path folder;
    ServerSettings settings;
    Secure sink;
};

TEST_F(TlsTest, SpeaksHttps) {
    make_certificate();
    Server server(settings, sink, base::Logger());
    const auto started = server.start();
    ASSERT_TRUE(started) << started.error().message;

    asio::io_context io;
    asio::ssl::context context(asio::ssl::context::tls_client);
    context.load_verify_file(settings.certificate_file);
    asio::ssl::stream<asio::ip::tcp::socket> stream(io, context);
    stream.set_verify_mode(asio::ssl::verify_peer);
    stream.next_layer().connect({asio::ip::address_v4::loopback(), server.port()});
    stream.handshake(asio::ssl::stream_base::client);
    const std::string request = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    asio::write(stream, asio::buffer(request));
    std::string answer;
    boost::system::error_code ended;
    asio::read(stream, asio::dynamic_buffer(answer), ended);
    EXPECT_EQ(ended, asio::error::eof) << "closed with TLS's own goodbye";
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK"));
    EXPECT_THAT(answer, testing::EndsWith("secure"));
}

TEST_F(TlsTest, DoesNotAnswerPlainHttpOnATlsPort) {
    make_certificate();
    settings.tls_deadline = std::chrono::milliseconds(500);
    Server server(settings, sink, base::Logger());
    ASSERT_TRUE(server.start());
    test_support::RawHttp plain(server.port());
    plain.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(plain.read_response().status, 0);
    test_support::RawHttp silent(server.port());
    EXPECT_TRUE(silent.ends()) << "a handshake that never comes has its deadline";
}

TEST_F(TlsTest, SaysWhatIsWrongWithItsFiles) {
    Server missing(settings, sink, base::Logger());
    const auto not_there = missing.start();
    ASSERT_FALSE(not_there);
    EXPECT_THAT(not_there.error().message, HasSubstr(settings.certificate_file));

    make_certificate();
    std::ofstream(settings.key_file) << "no key";
    Server broken(settings, sink, base::Logger());
    const auto no_key = broken.start();
    ASSERT_FALSE(no_key);
    EXPECT_THAT(no_key.error().message, HasSubstr(settings.key_file));
}

}  // namespace
}  // namespace api::http
