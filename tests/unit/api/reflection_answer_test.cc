#include "server/api/reflection_answer.h"

#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "adieu/v1/call_control_service.pb.h"

namespace adieu::api {
namespace {

using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;

std::set<std::string> FilesOf(const ServerReflectionResponse& response) {
  std::set<std::string> names;
  for (const std::string& text : response.file_descriptor_response().file_descriptor_proto()) {
    google::protobuf::FileDescriptorProto file;
    EXPECT_TRUE(file.ParseFromString(text));
    names.insert(file.name());
  }
  EXPECT_EQ(names.size(),
            static_cast<size_t>(response.file_descriptor_response().file_descriptor_proto_size()));
  return names;
}

TEST(AnswerOf, FilesComeWithThoseThatTheyImport) {
  ServerReflectionRequest request;
  request.set_host("h");
  request.set_file_containing_symbol("adieu.v1.CallControlService.GetCall");
  const ServerReflectionResponse response = AnswerOf(request, {});
  const auto files = FilesOf(response);
  for (const char* name :
       {"adieu/v1/call_control_service.proto", "adieu/v1/call.proto", "adieu/v1/role.proto",
        "google/protobuf/descriptor.proto", "google/protobuf/timestamp.proto"}) {
    EXPECT_TRUE(files.contains(name)) << name;
  }
  EXPECT_EQ(response.valid_host(), "h");
  EXPECT_EQ(response.original_request().host(), "h");

  request.set_file_by_filename("adieu/v1/call.proto");
  EXPECT_TRUE(FilesOf(AnswerOf(request, {})).contains("adieu/v1/call_state.proto"));
}

TEST(AnswerOf, FindsExtensions) {
  ServerReflectionRequest request;
  auto& extension = *request.mutable_file_containing_extension();
  extension.set_containing_type("google.protobuf.MethodOptions");
  extension.set_extension_number(50304);
  EXPECT_TRUE(FilesOf(AnswerOf(request, {})).contains("adieu/v1/role.proto"));
  request.set_all_extension_numbers_of_type("google.protobuf.FieldOptions");
  const auto response = AnswerOf(request, {});
  const auto& numbers = response.all_extension_numbers_response().extension_number();
  EXPECT_NE(std::find(numbers.begin(), numbers.end(), 50301), numbers.end());
}

TEST(AnswerOf, ListsTheServices) {
  ServerReflectionRequest request;
  request.set_list_services("");
  const auto response = AnswerOf(request, {"a.B", "c.D"});
  ASSERT_EQ(response.list_services_response().service_size(), 2);
  EXPECT_EQ(response.list_services_response().service(1).name(), "c.D");
}

TEST(AnswerOf, SaysWhatThereIsNot) {
  ServerReflectionRequest request;
  EXPECT_EQ(AnswerOf(request, {}).error_response().error_code(), 3);
  request.set_file_by_filename("none.proto");
  EXPECT_EQ(AnswerOf(request, {}).error_response().error_code(), 5);
  request.set_file_containing_symbol("none");
  EXPECT_EQ(AnswerOf(request, {}).error_response().error_code(), 5);
  request.set_all_extension_numbers_of_type("none");
  EXPECT_EQ(AnswerOf(request, {}).error_response().error_code(), 5);
  request.mutable_file_containing_extension()->set_containing_type("adieu.v1.Call");
  EXPECT_EQ(AnswerOf(request, {}).error_response().error_code(), 5);
}

}  // namespace
}  // namespace adieu::api
