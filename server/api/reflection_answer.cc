#include "server/api/reflection_answer.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/support/status.h>

#include <set>

namespace adieu::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using grpc::reflection::v1alpha::ExtensionRequest;
using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;

void Refuse(grpc::StatusCode code, const char* message, ServerReflectionResponse* response) {
  auto* error = response->mutable_error_response();
  error->set_error_code(code);
  error->set_error_message(message);
}

void AddFile(const FileDescriptor& file, std::set<std::string>* names, ServerReflectionResponse* response) {
  if (!names->insert(file.name()).second) return;
  google::protobuf::FileDescriptorProto proto;
  file.CopyTo(&proto);
  response->mutable_file_descriptor_response()->add_file_descriptor_proto(proto.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) AddFile(*file.dependency(i), names, response);
}

void TellFile(const FileDescriptor* file, ServerReflectionResponse* response) {
  std::set<std::string> names;
  if (file == nullptr) return Refuse(grpc::StatusCode::NOT_FOUND, "there is no such file", response);
  AddFile(*file, &names, response);
}

const FileDescriptor* FileOf(const ExtensionRequest& request, const DescriptorPool& pool) {
  const Descriptor* type = pool.FindMessageTypeByName(request.containing_type());
  if (type == nullptr) return nullptr;
  const FieldDescriptor* extension = pool.FindExtensionByNumber(type, request.extension_number());
  return extension == nullptr ? nullptr : extension->file();
}

void TellExtensions(const std::string& name, const DescriptorPool& pool, ServerReflectionResponse* response) {
  const Descriptor* type = pool.FindMessageTypeByName(name);
  if (type == nullptr) return Refuse(grpc::StatusCode::NOT_FOUND, "there is no such type", response);
  std::vector<const FieldDescriptor*> extensions;
  pool.FindAllExtensions(type, &extensions);
  auto* answer = response->mutable_all_extension_numbers_response();
  answer->set_base_type_name(name);
  for (const FieldDescriptor* extension : extensions) answer->add_extension_number(extension->number());
}

}  // namespace

ServerReflectionResponse AnswerOf(const ServerReflectionRequest& request,
                                  const std::vector<std::string>& services) {
  const DescriptorPool& pool = *DescriptorPool::generated_pool();
  ServerReflectionResponse response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case ServerReflectionRequest::kFileByFilename:
      TellFile(pool.FindFileByName(request.file_by_filename()), &response);
      break;
    case ServerReflectionRequest::kFileContainingSymbol:
      TellFile(pool.FindFileContainingSymbol(request.file_containing_symbol()), &response);
      break;
    case ServerReflectionRequest::kFileContainingExtension:
      TellFile(FileOf(request.file_containing_extension(), pool), &response);
      break;
    case ServerReflectionRequest::kAllExtensionNumbersOfType:
      TellExtensions(request.all_extension_numbers_of_type(), pool, &response);
      break;
    case ServerReflectionRequest::kListServices:
      for (const std::string& service : services) {
        response.mutable_list_services_response()->add_service()->set_name(service);
      }
      break;
    default:
      Refuse(grpc::StatusCode::INVALID_ARGUMENT, "nothing was asked", &response);
  }
  return response;
}

}  // namespace adieu::api
