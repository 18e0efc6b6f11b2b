FROM python:3.12-slim AS build
WORKDIR /src
COPY deploy/requirements.txt deploy/
RUN python -m venv /opt/syncd && /opt/syncd/bin/pip install --no-cache-dir -r deploy/requirements.txt
COPY pyproject.toml README.md ./
COPY config config
COPY syncd syncd
RUN /opt/syncd/bin/pip install --no-cache-dir --no-deps .

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 syncd && mkdir /data && chown syncd /data
COPY --from=build /opt/syncd /opt/syncd
ENV PATH=/opt/syncd/bin:$PATH SYNCD_CONFIG=/data/syncd.toml
USER syncd
WORKDIR /data
VOLUME /data
ENTRYPOINT ["syncd"]
CMD ["delta", "--json"]
