"""The description of the interface, from the parameters of the commands."""

from typing import Any

from pspm_runtime.package_files import installed_version
from pspm_runtime.server.refusal import as_parameters
from pspm_runtime.server.request.parameters import Parameter, ServedEffect, effects
from pspm_runtime.server.request.result_format import MEDIA_TYPES
from pspm_runtime.server.request.upload import PHOTO_FIELDS
from pspm_runtime.server.settings import Settings

_BINARY = {"type": "string", "format": "binary"}
_REFUSALS = {
    400: "an option or the form is wrong",
    401: "the token is missing or wrong",
    406: "the result has none of the types that are accepted",
    408: "the photo did not arrive in time",
    411: "the length is missing",
    413: "too many bytes or pixels",
    415: "the body is neither a picture nor a form",
    422: "the photo cannot be read, or shows no person where one is required",
    503: "all places are taken; try again after Retry-After seconds",
    504: "the photo took too long",
}
REMBG_PATH, REMOVE_BG_PATH = "/api/remove", "/v1.0/removebg"


def description(settings: Settings) -> dict[str, Any]:
    """The OpenAPI 3.1 document of a service."""
    paths: dict[str, Any] = {f"/{name}": {"post": _effect(effect)} for name, effect in effects().items()}
    paths[REMBG_PATH] = {"post": _other("rembg", "file", "`om`, `bgc`, and options of ours; the rest is ignored")}
    paths[REMOVE_BG_PATH] = {
        "post": _other(
            "remove.bg",
            "image_file",
            "`image_file_b64`, `format`, `channels`, `crop`, `crop_margin`, `bg_color`, `bg_image_file`",
        )
    }
    for path, text in (
        ("/healthz", "The process runs"),
        ("/readyz", "Photos are taken"),
        ("/metrics", "For Prometheus"),
    ):
        paths[path] = {"get": {"summary": text, "security": [], "responses": {"200": {"description": text}}}}
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "PSPM", "version": installed_version("pspm"), "description": "Portrait matting"},
        "paths": paths,
        "components": {
            "schemas": {
                "Error": {
                    "type": "object",
                    "required": ["error"],
                    "properties": {
                        "error": {"type": "string"},
                        "errors": {
                            "type": "array",
                            "items": {"type": "object", "properties": {"title": {"type": "string"}}},
                        },
                    },
                }
            }
        },
    }
    if settings.token is not None:
        document["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
        }
        document["security"] = [{"bearer": []}, {"key": []}]
    return document


def _effect(effect: ServedEffect) -> dict[str, Any]:
    parameters = list(effect.parameters.values())
    form = {PHOTO_FIELDS[0]: _BINARY} | {parameter.name: _schema(parameter) for parameter in parameters}
    return {
        "summary": effect.help,
        "parameters": [
            {
                "name": parameter.name,
                "in": "query",
                "description": as_parameters(_help(parameter)),
                "schema": _schema(parameter, in_form=False),
            }
            for parameter in parameters
            if parameter.option.dest != "trimap"
        ],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {"type": "object", "required": [PHOTO_FIELDS[0]], "properties": form}
                },
                "image/*": {"schema": _BINARY},
                "application/octet-stream": {"schema": _BINARY},
            },
        },
        "responses": _responses(),
    }


def _other(service: str, photo: str, options: str) -> dict[str, Any]:
    return {
        "summary": f"As {service}'s",
        "description": f"For programs that call {service}. Options: {options}.",
        "requestBody": {
            "required": True,
            "content": {"multipart/form-data": {"schema": {"type": "object", "properties": {photo: _BINARY}}}},
        },
        "responses": _responses(),
    }


def _help(parameter: Parameter) -> str:
    text = parameter.option.help or parameter.name
    return text % {"default": parameter.option.default} if "%(" in text else text


def _schema(parameter: Parameter, *, in_form: bool = True) -> dict[str, Any]:
    kinds: dict[Any, str] = {int: "integer", float: "number"}
    if parameter.is_flag:
        schema: dict[str, Any] = {"type": "boolean"}
    elif parameter.is_picture and in_form:
        schema = dict(_BINARY)
    else:
        kind = kinds.get(parameter.option.type, "number" if parameter.name == "crop" else "string")
        schema = {"type": kind} | ({"enum": list(parameter.choices)} if parameter.choices else {})
    default = parameter.option.default
    return schema if default is None else schema | {"default": default}


def _responses() -> dict[str, Any]:
    pictures: dict[str, Any] = {media_type: {"schema": _BINARY} for media_type in MEDIA_TYPES.values()}
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {
        "200": {
            "description": "the result",
            "content": pictures,
            "headers": {
                "PSPM-Person": {"description": "whether a person was found", "schema": {"type": "boolean"}},
                "PSPM-Frames-Left": {
                    "description": "frames or pages beyond the first, which were left out",
                    "schema": {"type": "integer"},
                },
            },
        }
    } | {str(status): {"description": text, "content": error} for status, text in _REFUSALS.items()}
