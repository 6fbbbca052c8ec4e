#!/usr/bin/env python3
"""Distils Docker's OpenAPI file into tests/Unit/Compat/engine-api.json: operations, parameters, answers, and the fields of every shape.

    eng/distil-api.py path/to/engine-api.yaml > tests/Unit/Compat/engine-api.json

A type is a word (string, integer, number, boolean, any, binary) or a shape's name, after "[]" for each list and "{}" for each map around it.
Shapes that have no name in the file are called by where they stand: ContainerState.Health, POST /auth 200.
"""
import json
import sys

import yaml

WORDS = {"string", "integer", "number", "boolean"}
METHODS = ("get", "head", "post", "put", "delete")


class Distiller:
    def __init__(self, document):
        self.definitions = document["definitions"]
        self.responses = document.get("responses", {})
        self.shapes = {}

    def parts(self, schema):
        """The fields of a schema, those of what it is made of (allOf) included; None when it is no object with fields."""
        if "$ref" in schema:
            return self.parts(self.definitions[schema["$ref"].rsplit("/", 1)[1]])
        if "allOf" in schema:
            fields = {}
            for part in schema["allOf"]:
                fields.update(self.parts(part) or {})
            return fields
        return schema.get("properties")

    def type_of(self, schema, place):
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            return self.type_of(self.definitions[name], name)
        if schema.get("type") == "array":
            return "[]" + self.type_of(schema["items"], place)
        fields = self.parts(schema)
        if not fields:
            inner = schema.get("additionalProperties")
            if isinstance(inner, dict) and inner:
                return "{}" + self.type_of(inner, place)
            if "allOf" in schema:
                return self.type_of(schema["allOf"][0], place)
            if schema.get("format") == "binary":
                return "binary"
            return schema["type"] if schema.get("type") in WORDS else "any"
        if place not in self.shapes:
            shape = self.shapes[place] = {}
            for name, field in fields.items():
                shape[name] = self.type_of(field, f"{place}.{name}")
        return place

    def operation(self, title, operation):
        row = {"query": {}, "headers": {}, "body": None, "answers": {}}
        for parameter in operation.get("parameters", []):
            place = parameter["in"]
            if place == "query":
                row["query"][parameter["name"]] = parameter.get("type", "string")
            elif place == "header":
                row["headers"][parameter["name"]] = parameter.get("type", "string")
            elif place == "body":
                row["body"] = self.type_of(parameter["schema"], f"{title} body")
        for status, answer in operation["responses"].items():
            if "$ref" in answer:
                answer = self.responses[answer["$ref"].rsplit("/", 1)[1]]
            row["answers"][str(status)] = self.type_of(answer["schema"], f"{title} {status}") if "schema" in answer else None
        return row


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        document = yaml.safe_load(file)
    distiller = Distiller(document)
    operations = {}
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                title = f"{method.upper()} {path}"
                operations[title] = distiller.operation(title, methods[method])
    rows = lambda table: ",\n".join(f"  {json.dumps(key)}: {json.dumps(table[key])}" for key in table)
    print("{")
    print(f' "version": {json.dumps(document["info"]["version"])},')
    print(f' "operations": {{\n{rows(operations)}\n }},')
    print(f' "shapes": {{\n{rows(dict(sorted(distiller.shapes.items())))}\n }}')
    print("}")


if __name__ == "__main__":
    main()
