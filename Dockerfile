# The service, `pspm serve`, without root, on a read-only file system, with nothing to download when it starts:
#   docker build -t pspm .
#   docker run --rm --read-only --cap-drop ALL --security-opt no-new-privileges -p 127.0.0.1:7000:7000 pspm
# .ci/image_check runs these steps without docker.
FROM python:3.11-slim AS build
WORKDIR /src
COPY .ci/get_uv.py .ci/
RUN python3 .ci/get_uv.py /opt/uv
COPY pyproject.toml uv.lock README.md LICENSE ./
COPY pspm pspm
COPY export export
COPY runtime runtime
ENV UV_PROJECT_ENVIRONMENT=/opt/pspm UV_PYTHON=python3 UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
RUN /opt/uv/bin/uv sync --quiet --frozen --no-dev --no-editable --compile-bytecode --extra serve --extra heif

FROM python:3.11-slim
COPY --from=build /opt/pspm /opt/pspm
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 65532:65532
EXPOSE 7000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["/opt/pspm/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7000/readyz', timeout=3)"]
ENTRYPOINT ["/opt/pspm/bin/pspm", "serve", "--host", "0.0.0.0"]
