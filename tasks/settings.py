"""Where this system lives and how it reaches the world: environment first, then what `aftersales up` wrote down."""

import os
from functools import cache
from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, JsonConfigSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from models.errors import InvalidInput
from models.forms import sentence_of
from models.language import N_, _

RUNNING_FILE = "running.json"


def data_folder() -> Path:
    """The folder of this system: AFTERSALES_DATA, else the platform's user data folder."""
    named = os.environ.get("AFTERSALES_DATA")
    return Path(named).expanduser().resolve() if named else user_data_path("aftersales", appauthor=False)


class Settings(BaseSettings):
    """AFTERSALES_DATABASE_URL and its siblings; PREFECT_API_URL is Prefect's own name and kept."""

    model_config = SettingsConfigDict(env_prefix="AFTERSALES_", extra="ignore", populate_by_name=True)

    database_url: str = ""
    prefect_database_url: str = ""
    language: Literal["zh_CN", "en"] = "zh_CN"
    prefect_api_url: str = Field(default="", validation_alias="PREFECT_API_URL")
    #: `user:password` of a Prefect server that asks for one.
    prefect_api_auth_string: SecretStr = Field(default=SecretStr(""), validation_alias="PREFECT_API_AUTH_STRING")
    #: Where people open Prefect's UI; stands in mails.
    ui_url: str = ""
    smtp_host: str = ""
    smtp_port: int = 25
    smtp_security: Literal["none", "starttls", "ssl"] = "none"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    #: Seconds to wait for the mail server before trying later.
    smtp_timeout: float = 10
    mail_from: str = "after-sales@aftersales.example"
    policy: Path = Path("policies/lighting.yaml")
    calendars: Path = Path("policies/calendars.yaml")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over what the running system wrote down."""
        return init_settings, env_settings, JsonConfigSettingsSource(settings_cls, data_folder() / RUNNING_FILE)


@cache
def settings() -> Settings:
    """The settings of this process, read once; raises InvalidInput that names each wrong one."""
    try:
        return Settings()
    except ValidationError as error:
        raise InvalidInput({f"AFTERSALES_{_name(one)}": sentence_of(one) for one in error.errors()}) from None
    except ValueError as error:
        raise InvalidInput({RUNNING_FILE: str(error)}) from None


def _name(fault: ErrorDetails) -> str:
    return ".".join(str(part) for part in fault["loc"]).upper()


def psycopg2_url(url: str) -> URL:
    """`url` for psycopg2: a bare postgresql:// would mean another driver to SQLAlchemy. Raises InvalidInput."""
    try:
        return make_url(url).set(drivername="postgresql+psycopg2")
    except ArgumentError:
        right = _(N_("Write an address such as postgresql://user:password@host/database."))
        raise InvalidInput({"AFTERSALES_DATABASE_URL": right}) from None
